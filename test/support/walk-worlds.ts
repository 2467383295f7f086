import { centreLinks } from '../../src/db/centres.js';
import { withQuery } from '../../src/web/query-text.js';
import { changesInStates } from '../../src/db/changes.js';
import type { CentreContact } from '../../src/domain/offer.js';
import { identifyPerson } from '../../src/db/person.js';
import { followupContext } from '../../src/followup/context.js';
import { recordAgreement } from '../../src/followup/agree.js';
import { undoChangeAnswer } from '../../src/runs/undo.js';
import type { Body } from '../../src/sandbox/body.js';
import { plannedCentres } from '../../src/runs/planned-centres.js';
import { centreIdOf, centresList, changeOf, complete } from '../scenarios/world.js';
import type { Visit } from './walk.js';
import type { openWebWorld, Visitor, WebWorld } from './web-world.js';

/** A region in a state that a mere synchronisation does not make, with the addresses that show that state. */
export interface WalkWorld {
  readonly name: string;
  readonly options: Parameters<typeof openWebWorld>[0];
  /** @returns addresses to visit, with the region in them */
  readonly prepare: (web: WebWorld, visitor: Visitor) => Promise<Visit[]>;
}

const LONG = 'Très long nom de centre d’essai '.repeat(300);
/** Nearly 10 kB, the longest cell that is read, which attacks. */
export const HOSTILE = `<script>document.title='pris'</script><img src=x onerror=alert(1)> \u202Eessai\u202C ${LONG}`;

const SITES = [
  { hospital: 'CH de Dieppe', town: 'Dieppe' },
  { hospital: 'CH de Coutances', town: 'Coutances' },
  { hospital: 'CH Lisieux', town: 'Lisieux' },
  { hospital: 'CH Argentan', town: 'Argentan' },
];
const list = (label = 'CCMR', before = ''): string =>
  centresList(
    SITES.map((site, at) => ({
      title: `${before}Centre d’essai ${String(at + 1)}`,
      ...site,
      label,
      public: 'mixte',
    })),
  );

/** Approved changes handed over by sheets, agreements asked, given and refused, and a signed link. */
const handedOver = (name: string, before: string): WalkWorld => ({
  name,
  options: { list: list('CCMR', before), agreement: 'asked', repository: { ways: ['sheet'] } },
  prepare: async (web, visitor) => {
    await web.sync();
    const open = await web.open();
    for (const { id } of open.slice(0, 3)) await web.approve(web.dominique, id);
    const told = {
      by: 'référent ROR, Hôpital d’essai',
      channel: 'meeting',
      on: '2026-03-12',
      document: { name: null, sha256: null, reference: 'compte rendu d’essai, point 4' },
    } as const;
    const context = followupContext({ ...web.context, actor: web.camille });
    await recordAgreement(context, open.slice(0, 1), { verdict: 'agree', ...told, reason: null });
    await recordAgreement(context, open.slice(1, 2), {
      verdict: 'refuse',
      ...told,
      reason: 'unité en cours de transfert',
    });
    await web.apply();
    const centres = await plannedCentres(web.context);
    const waiting = open[2];
    const ej = centres[waiting?.centres[0] ?? '']?.ej ?? '';
    await establishmentOf(web, ej);
    const made = await visitor.post('/28/accords/lien', {
      ej,
      forme: `${waiting?.id ?? ''}:${waiting?.hash ?? ''}`,
    });
    const [link] = /\/lien\/28\/[A-Za-z0-9_-]{43}/.exec(made.text) ?? [];
    if (link === undefined) throw new Error(`no signed link: ${made.text.slice(0, 200)}`);
    const handed = await changesInStates(web.database.app, '28', ['transmitted']);
    return [
      '/28/a-saisir',
      '/28/a-saisir/synthese',
      '/28/visible',
      '/28/accords',
      '/28/accord',
      `/28/accord/${waiting?.id ?? ''}`,
      ...open.slice(0, 3).map(({ id }) => `/28/changements/${id}`),
      ...open
        .slice(0, 3)
        .flatMap(({ id }) => (handed.some((each) => each.id === id) ? [] : [`/28/accords/${id}`])),
      ...handed.flatMap(({ id }) => [`/28/a-saisir/${id}`, `/28/a-saisir/${id}/fiche`]),
      link,
      {
        address: '/28/accords',
        submit: async (page) => {
          await page
            .getByRole('button', { name: /^Créer un lien pour / })
            .first()
            .click();
          await page.getByLabel('Lien à envoyer').waitFor();
        },
      },
    ];
  },
});

async function establishmentOf(web: WebWorld, ej: string): Promise<void> {
  const person = await identifyPerson(web.database.app, {
    issuer: 'https://emetteur.invalid',
    subject: WALKER,
    displayName: WALKER,
  });
  const at = new Date();
  const held = { region: '28', person, role: 'establishment' };
  await web.database.owner('person_grant').where(held).del();
  await web.database.app('person_grant').insert({ ...held, ej, granted_at: at, confirmed_at: at });
}

/** Who walks: somebody with every right. */
export const WALKER = 'Personne d’essai de tous les droits';

/** Numbers of the range kept for fiction (ARCEP decision 2018-0881). */
const [FIRST_PHONE, OUR_NEXT, THE_HOSPITALS] = ['0261910011', '0261910012', '0261910099'];
const phone = (value: string): CentreContact => ({ nature: '07', channel: '2', confidentiality: '1', value });

/** A conflict, a withdrawal, an undoing: changes that follow what was written. */
const AFTERWARDS: WalkWorld = {
  name: 'in conflict, with a withdrawal and an undoing',
  options: { list: list() },
  prepare: async (web, visitor) => {
    const first = await web.sync();
    const ids = [1, 2, 3].map((number) => centreIdOf(changeOf(first, `Centre d’essai ${String(number)}`)));
    const approveAll = async (): Promise<void> => {
      for (const { id, quorum, state } of await web.open())
        if (state === 'proposed')
          for (const who of [web.dominique, web.eloi].slice(0, quorum)) await web.approve(who, id);
    };
    await web.answer(web.camille, complete(ids[0] ?? '', 'contacts', [phone(FIRST_PHONE)]));
    await approveAll();
    await web.apply();
    web.list(list('CRMR constitutif'));
    await web.sync();
    await approveAll();
    await web.apply();
    const [conflicting = '', leaving = '', undone = ''] = ids;
    const changes = await changesInStates(web.database.app, '28', ['applied']);
    const modified = changes.find(
      ({ kind, centres }) => kind === 'modify' && centres.some((id) => id === undone),
    );
    if (modified === undefined) throw new Error('nothing was modified');
    await web.answer(web.camille, await undoChangeAnswer(web.context, modified, 'brouillon d’essai'));
    await web.answer(web.camille, {
      kind: 'withdraw',
      subject: leaving,
      body: { proof: 'arrêté d’essai du 01/02/2026, annexe', date: '2026-02-01' },
    });
    const offer = web.sandbox
      .list('HealthcareService')
      .find((each) => JSON.stringify(each).includes(`id=${conflicting}]`)) as { id: string } | undefined;
    web.sandbox.edit('HealthcareService', offer?.id ?? '', (body) => {
      body['extension'] = (body['extension'] as Body[]).map(
        (each) => JSON.parse(JSON.stringify(each).replace(FIRST_PHONE, THE_HOSPITALS)) as Body,
      );
    });
    await web.answer(web.camille, complete(conflicting, 'contacts', [phone(OUR_NEXT)]));
    await web.sync();
    await visitor.post('/28/declarer', {
      genre: 'responsable',
      centre: conflicting,
      nom: 'Pr Personne d’essai 12',
      preuve: 'organigramme d’essai',
      date: '2026-03-01',
    });
    const offers = await centreLinks(web.database.app, '28');
    const open = await web.open();
    const seen = new Set(open.flatMap(({ kind, state }) => [kind, state]));
    for (const wanted of ['conflict', 'withdraw', 'modify'])
      if (!seen.has(wanted as never)) throw new Error(`no ${wanted} among ${[...seen].join(', ')}`);
    return [
      '/28',
      '/28/changements',
      '/28/changements?vue=complet',
      '/28/changements?onglet=retraits',
      '/28/journal',
      '/28/passages',
      ...open.map(({ id }) => `/28/changements/${id}`),
      `/28/changements/${modified.id}`,
      ...ids.map((id) => `/28/centres/${id}`),
      ...ids.map((id) => `/28/centres/${id}/au?comparer=2026-01-01`),
      ...offers.slice(0, 2).map(({ identifier }) => withQuery('/28/offres/au', { offre: identifier })),
      ...['contact', 'demenagement', 'responsable', 'withdraw', 'reopen'].map(
        (genre) => `/28/declarer?genre=${genre}&centre=${conflicting}`,
      ),
    ];
  },
};

export const WALK_WORLDS: readonly WalkWorld[] = [
  handedOver('handed over, with agreements asked', ''),
  handedOver('handed over, with hostile names of 10 kB', HOSTILE),
  AFTERWARDS,
];
