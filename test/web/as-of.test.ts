import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { erasePerson, type PersonId } from '../../src/db/person.js';
import { inTransaction } from '../../src/db/types.js';
import { recordOfCentre } from '../../src/runs/as-of-record.js';
import { stateAt } from '../../src/runs/as-of-states.js';
import { TRIAL_SECRET } from '../support/approved-region.js';
import { DEPUTY, INSTANTS, pastRegion, type PastRegion } from '../support/past-region.js';
import { openPagesOn, type Visitor, type WebWorld } from '../support/web-world.js';

let past: PastRegion;
let web: Pick<WebWorld, 'url' | 'pages' | 'visitor'>;
let reader: Visitor;
beforeAll(async () => {
  past = await pastRegion();
  const { database, config, region } = past;
  web = await openPagesOn({ database, config, region, secret: TRIAL_SECRET });
  reader = await web.visitor(['reader']);
}, 60_000);
afterAll(async () => {
  await web.pages.close();
  await past.close();
});

const centreAt = (query: string): string => `/28/centres/${past.centre}/au${query}`;
const offerAt = (query: string): string => `/28/offres/au?offre=${encodeURIComponent(past.offer)}${query}`;
const words = (html: string): string =>
  html
    .replaceAll(/<details>\s*<summary>Contenu FHIR[\s\S]*?<\/details>/g, ' ')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');
/** Words of the page, part by part, by heading. */
async function parts(query: string): Promise<Record<string, string>> {
  const { status, text } = await reader.get(centreAt(query));
  expect(status).toBe(200);
  const [top = '', ...sections] = text.split('<h2>');
  return Object.fromEntries([
    ['haut', words(top)],
    ...sections.map((section) => {
      const [heading = '', body = ''] = section.split('</h2>');
      return [heading, words(body)];
    }),
  ]) as Record<string, string>;
}
const ROR = 'Ce que le ROR disait';
const LISTS = 'Ce que les listes disaient';
const PLAN = 'Ce que filror proposait';
const SERVED = 'Ce que filror servait à côté du ROR';
const DONE = 'Qui avait décidé, et ce qui était parti';

describe('a centre as of a day', () => {
  it('before anything was read says so, and when the first reading was', async () => {
    const page = await parts('?date=2026-03-09');
    expect(page[ROR]).toContain(
      'À la fin du 09/03/2026, filror n’avait encore rien lu du ROR : sa première lecture est du 10/03/2026 à 09:00.',
    );
    expect(page[ROR]).toContain('Que faire : choisissez une date plus récente');
    expect(page[LISTS]).toContain('aucune liste lue par filror ne disait ce centre à cette date');
    expect(page[PLAN]).toContain('aucun changement n’était ouvert');
    expect(page[SERVED]).toContain('filror ne servait aucun fait');
    expect(page[DONE]).toContain('personne n’avait encore décidé, et rien n’était parti');
    expect(page['haut']).toContain('Rien avant cette date');
    expect(page['haut']).toContain('Date suivante : 10/03/2026');
  });

  it('on the day of the first reading shows what was read and what was proposed', async () => {
    const page = await parts('?date=2026-03-10');
    expect(page[ROR]).toContain('Version 1, lue par filror le 10/03/2026 à 09:00.');
    expect(page[ROR]).toContain('entre deux lectures, filror ne sait pas ce que le ROR disait');
    expect(page[ROR]).toContain('Centre pas rattaché à cette offre à cette date.');
    expect(page[ROR]).toContain('Commentaire de l’établissement Accueil du lundi au vendredi, Dieppe.');
    expect(page[ROR]).toContain(
      'Structure porteuse de l’offre CH DIEPPE, FINESS 760000018 Organization/eg-760000018 Lieu de réalisation de l’offre CH DIEPPE Location/lieu-760000018',
    );
    expect(page[ROR]).not.toContain('écrit par filror');
    expect(page[LISTS]).toMatch(
      /labelled-centres centres\.csv, ligne 2 10\/03\/2026 reçu le 10\/03\/2026 à 09:00 CCMR, campagne 2023 Centre d'essai 1 FIMARAD CH de Dieppe, Dieppe/,
    );
    expect(page[PLAN]).toMatch(/Changement \w+ ~ rattacher à approuver ouvert le 10\/03\/2026 à 09:00/);
    // Said once, not once for each of the elements.
    expect(page[PLAN]?.match(/Dans le ROR, au moment du calcul/g)).toHaveLength(1);
    expect(page[PLAN]).toContain('Dans le ROR, au moment du calcul : rien de tout cela.');
    expect(page[PLAN]).toMatch(/\d+ éléments : [^.]*Niveau d’expertise, [^.]*\. Dans le ROR/);
    expect(page[PLAN]).toMatch(/ajout Niveau d’expertise nouveau : 11 Centre de compétences labellisé/);
    expect(page[DONE]).toMatch(
      /^ 10\/03\/2026 à 09:00 : Rattacher à une offre : 28\/ESSAI-0001, par Camille \(essai\)\. $/,
    );
  });

  it('counts 23:30 in Paris for that day, in winter time and in summer time', async () => {
    expect((await parts('?date=2026-03-27'))[PLAN]).toContain('~ rattacher à approuver');
    const eve = await parts('?date=2026-03-28');
    expect(eve[PLAN]).toContain('~ rattacher approuvé');
    expect(eve[DONE]).toContain(`28/03/2026 à 23:30 : Approuvé par ${DEPUTY}, au nom de Dominique (essai).`);
    expect(eve[DONE]).toContain(
      'L’établissement, référent ROR, Hôpital d’essai, a donné son accord le 12/03/2026 (réunion), enregistré par Camille (essai).',
    );
    expect(eve[DONE]).not.toContain('Envoyé au ROR');
    const sent = await parts('?date=2026-03-29');
    expect(sent[PLAN]).toContain('aucun changement n’était ouvert');
    expect(sent[DONE]).toMatch(
      /29\/03\/2026 à 23:30 : Écrit dans le ROR, et relu\..*Envoyé au ROR par Dominique \(essai\)\./,
    );
    expect(sent[ROR]).toContain('Version 2, lue par filror le 29/03/2026 à 23:30.');
    expect(sent[ROR]).toContain('Centre rattaché à cette offre le 29/03/2026 à 23:30.');
    expect(sent[ROR]).toContain('Niveau d’expertise écrit par filror 11 Centre de compétences labellisé');
    expect(sent[SERVED]).toMatch(
      /Label CCMR 28\/ESSAI-0001 29\/03\/2026 à 23:30 Campagne du label 2023 .* Filière FIMARAD – Maladies rares en dermatologie/,
    );
  });

  it('does not count half past midnight in Paris for the day before, whatever the day is in UTC', async () => {
    expect(INSTANTS.changed.slice(0, 10)).toBe('2026-06-15');
    expect((await parts('?date=2026-06-15'))[ROR]).toContain('Version 2, lue par filror');
    const after = (await parts('?date=2026-06-16'))[ROR];
    expect(after).toContain('Version 3, lue par filror le 16/06/2026 à 00:30.');
    expect(after).toContain('Accueil d’essai &lt;script&gt;alert(1)&lt;/script&gt; au bâtiment B');
    expect(after).toMatch(
      /Niveau d’expertise écrit par filror, retiré par d’autres rien filror y avait relu : 11 Centre de compétences labellisé/,
    );
  });

  it('tells since when an offer is no longer there, from the day of 25 hours on', async () => {
    expect((await parts('?date=2026-10-24'))[ROR]).toContain('Version 3, lue par filror');
    for (const date of ['2026-10-25', '2026-11-20']) {
      const page = await parts(`?date=${date}`);
      expect(page[ROR]).toContain(
        'N’y était plus depuis le 25/10/2026 à 23:30 : la lecture complète de ce moment ne l’a pas trouvée.',
      );
      expect(page[ROR]).not.toContain('Valeur lue');
    }
  });

  it('keeps the bytes of what was read one click away', async () => {
    const { text } = await reader.get(centreAt('?date=2026-06-16'));
    const raw =
      /<summary>Contenu FHIR de l’offre 28\/ESSAI-0001, tel que lu<\/summary>\s*<pre tabindex="0">([\s\S]*?)<\/pre>/.exec(
        text,
      )?.[1] ?? '';
    const [version] = (await past.database
      .app('remote_version')
      .where({ region: '28', remote_id: 'essai-1', version_id: '3' })
      .select('body')) as { body: string }[];
    const unescaped = raw
      .replaceAll('&quot;', '"')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
    expect(JSON.parse(unescaped)).toEqual(JSON.parse(version?.body ?? 'null'));
  });

  it('says the same whatever is asked before: on any day, the last version recorded by its end', async () => {
    // By hand: the day in Paris from which each version stands.
    const expected = (iso: string): string =>
      iso < '2026-03-10'
        ? 'rien'
        : iso < '2026-03-29'
          ? 'Version 1'
          : iso < '2026-06-16'
            ? 'Version 2'
            : iso < '2026-10-25'
              ? 'Version 3'
              : 'N’y était plus';
    const days = ['2026-10-26', '2026-03-09', '2026-06-17', '2026-03-28', '2026-10-25', '2026-03-30'];
    const asked = [...days, '2026-01-01', '2026-10-24', '2026-03-29', '2026-06-15', ...days.reverse()];
    for (const iso of asked) {
      const said = (await parts(`?date=${iso}`))[ROR] ?? '';
      const found = ['Version 1', 'Version 2', 'Version 3', 'N’y était plus'].filter((each) =>
        said.includes(each),
      );
      expect([iso, found[0] ?? 'rien', found.length]).toEqual([
        iso,
        expected(iso),
        iso < '2026-03-10' ? 0 : 1,
      ]);
    }
  });

  it('without a date is that of today, and has a lasting address', async () => {
    const page = await parts('');
    expect(page['haut']).toContain('(aujourd’hui : la journée n’est pas finie)');
    const { text } = await reader.get(centreAt(''));
    expect(text).toMatch(
      new RegExp(`href="/28/centres/${past.centre}/au\\?date=\\d{4}-\\d\\d-\\d\\d">Adresse de cette page`),
    );
  });
});

describe('the dates that matter', () => {
  it('are told newest first, each with what happened and the way to it', async () => {
    const page = await parts('?date=2026-03-29');
    const said = page['Les dates qui comptent'] ?? '';
    expect(said).toMatch(
      /25\/10\/2026 23:30 : L’offre 28\/ESSAI-0001 n’est plus dans le ROR\. 16\/06\/2026 00:30 : L’offre 28\/ESSAI-0001 a changé dans le ROR \(version 3\)\. 29\/03\/2026 \(date montrée\) 23:30 : Envoyé au ROR/,
    );
    expect(said).toContain(
      'L’offre 28/ESSAI-0001 a changé dans le ROR (version 2), relue après l’envoi de filror.',
    );
    expect(said).toContain('09:00 : Proposé : créer (question posée).');
    const { text } = await reader.get(centreAt('?date=2026-03-29'));
    expect(text).toContain(
      'href="/28/offres/au?offre=28%2FESSAI-0001&amp;date=2026-03-29">Voir cette offre seule',
    );
    expect(text).toContain(`href="/28/changements/${past.change}"`);
    expect(text).toMatch(/href="\/28\/journal\/\d+">Écriture \d+ du journal/);
  });

  it('are offered at the top, newest first, whatever the date', async () => {
    const at = `/28/centres/${past.centre}/au`;
    for (const query of ['', '?date=2026-03-29']) {
      const { text } = await reader.get(centreAt(query));
      const [top = ''] = text.split('<form class="filters"');
      const offered = [...top.matchAll(/href="([^"]+)"[^>]*>(\d\d\/\d\d\/\d{4}) \(\d+ faits?\)</g)].map(
        ([, href = '', day = '']) => `${href} ${day}`,
      );
      expect(offered.slice(0, 3)).toEqual([
        `${at}?date=2026-10-25 25/10/2026`,
        `${at}?date=2026-06-16 16/06/2026`,
        `${at}?date=2026-03-29 29/03/2026`,
      ]);
      expect(top.includes('aria-current="date"')).toBe(query !== '');
    }
  });

  it('are where the buttons lead from any date, the date compared with kept', async () => {
    const { text } = await reader.get(centreAt('?date=2026-04-15&comparer=2026-03-10'));
    const at = `/28/centres/${past.centre}/au`;
    expect(text).toContain(`href="${at}?date=2026-03-29&amp;comparer=2026-03-10" rel="prev"`);
    expect(text).toContain(`href="${at}?date=2026-06-16&amp;comparer=2026-03-10" rel="next"`);
    expect(words(text)).toContain('Date précédente : 29/03/2026');
  });
});

describe('two dates compared', () => {
  const DIFFERENT =
    'Niveau d’expertise ancien : 11 Centre de compétences labellisé rien Commentaire de l’établissement ancien : Accueil du lundi au vendredi, Dieppe. nouveau : Accueil du lundi au vendredi, Dieppe. Accueil d’essai';

  it.each([
    ['the later one first', '?date=2026-06-16&comparer=2026-03-29'],
    ['the earlier one first', '?date=2026-03-29&comparer=2026-06-16'],
  ])('show the elements that changed and no other, %s', async (_order, query) => {
    const said = (await parts(query))[ROR] ?? '';
    expect(said).toContain(`Élément Fin du 29/03/2026 Fin du 16/06/2026 ${DIFFERENT}`);
    expect(said).toContain('2 éléments ont changé dans l’offre 28/ESSAI-0001');
    expect(said).not.toContain('Mode de prise en charge');
  });

  it('that say the same say so', async () => {
    expect((await parts('?date=2026-06-20&comparer=2026-06-16'))[ROR]).toContain(
      'Aucune différence : à la fin du 16/06/2026 et à la fin du 20/06/2026, filror y lisait la même chose.',
    );
  });

  it('of which one knew nothing of the offer say which', async () => {
    const said = (await parts('?date=2026-03-10&comparer=2026-03-01'))[ROR];
    expect(said).toContain(
      'Au 01/03/2026 : Pas encore lue. filror l’a lue pour la première fois le 10/03/2026 à 09:00.',
    );
    expect(said).toContain('nouveau : Accueil du lundi au vendredi, Dieppe.');
  });
});

describe('an offer as of a day', () => {
  it('says the same as its centre, with the way to it', async () => {
    const { status, text } = await reader.get(offerAt('&date=2026-03-28'));
    expect(status).toBe(200);
    expect(words(text)).toContain('Offre 28/ESSAI-0001, à la fin du 28/03/2026');
    expect(words(text)).toContain('Version 1, lue par filror le 10/03/2026 à 09:00.');
    expect(words(text)).toContain('~ rattacher approuvé');
    expect(text).toContain(`href="/28/centres/${past.centre}">Fiche du centre : Centre d&#39;essai 1</a>`);
    expect(text).toContain('href="/28/offres/au?offre=28%2FESSAI-0001&amp;date=2026-03-29" rel="next"');
  });

  it('is asked for by its number', async () => {
    const { status, text } = await reader.get('/28/offres/au');
    expect(status).toBe(200);
    expect(text).toContain('<label for="offre">Numéro de l’offre dans le ROR</label>');
  });
});

describe('what cannot be shown', () => {
  it.each([
    ['a date that does not exist', '?date=2026-02-30', 400, '« 2026-02-30 » n’est pas une date.'],
    ['words', '?date=%3Cscript%3E', 400, '« &lt;script&gt; » n’est pas une date.'],
    ['a date to come', '?date=9999-01-01', 400, 'Le 01/01/9999 n’est pas encore passé'],
    [
      'a date to compare with that is none',
      '?date=2026-03-29&comparer=demain',
      400,
      '« demain » n’est pas une date.',
    ],
  ])('%s is refused with a remedy', async (_what, query, expected, message) => {
    const { status, text } = await reader.get(centreAt(query));
    expect(status).toBe(expected);
    expect(text).toContain(message);
    expect(text).toContain('Que faire :');
    expect(text).not.toContain('<script>');
  });

  it.each([
    ['a centre', `/28/centres/cmr_${'a'.repeat(16)}/au?date=2026-03-29`, 'CENTRE_UNKNOWN'],
    ['an offer', '/28/offres/au?offre=28%2F%3Cb%3E&date=2026-03-29', 'OFFER_NEVER_SEEN'],
  ])('%s that the region never knew is not found', async (_what, address, code) => {
    const { status, text } = await reader.get(address);
    expect(status).toBe(404);
    expect(text).toContain(code);
    expect(text).not.toContain('<b>');
  });
});

describe('the way there', () => {
  it('begins at the card of the centre', async () => {
    const { text } = await reader.get(`/28/centres/${past.centre}`);
    expect(text).toContain(`href="/28/centres/${past.centre}/au">Voir ce centre à une autre date</a>`);
  });

  it.each([
    ['approve', () => `/28/centres/${past.centre}/au?date=`],
    ['apply', () => '/28/offres/au?offre=28%2FESSAI-0001&amp;date='],
  ])('begins at an entry of the journal, %s', async (kind, address) => {
    const entry = (await past.database.app('journal').where({ kind }).first('no')) as { no: string };
    const { text } = await reader.get(`/28/journal/${entry.no}`);
    expect(text).toContain(`href="${address()}`);
  });

  it('is not offered by an entry that is about no centre', async () => {
    const entry = (await past.database.app('journal').where({ kind: 'plan' }).first('no')) as { no: string };
    expect((await reader.get(`/28/journal/${entry.no}`)).text).not.toContain('/au?');
  });
});

it('the last state that is told of each change is the one that is stored', async () => {
  const record = await recordOfCentre(past.run(null), past.centre);
  expect(record.changes.map(({ state }) => state)).toEqual(['superseded', 'applied']);
  for (const { id, state } of record.changes)
    expect(stateAt(record.steps.get(id) ?? [], past.clock.now())).toBe(state);
});

it('a person who was erased stays erased, whatever the date', async () => {
  const [deputy] = (await past.database.app('person').where({ display_name: DEPUTY }).select('id')) as {
    id: PersonId;
  }[];
  await inTransaction(past.database.app, (trx) => erasePerson(trx, deputy?.id as PersonId, new Date()));
  const { text } = await reader.get(centreAt('?date=2026-03-28'));
  expect(text).not.toContain(DEPUTY);
  expect(words(text)).toContain('Approuvé par personne effacée, au nom de Dominique (essai).');
});
