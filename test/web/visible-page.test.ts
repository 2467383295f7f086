import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trialList } from '../support/region-run.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** "Visible dans le ROR ?" by the pages: one centre written, one that waits for an approval. */
let web: WebWorld;
let reader: Visitor;
beforeAll(async () => {
  web = await openWebWorld({
    list: trialList([{ number: 1 }, { number: 2, hospital: 'CH de Coutances', town: 'Coutances' }]),
  });
  reader = await web.visitor(['reader']);
});
afterAll(() => web.close());

const columnsOf = (text: string, title: string): string[] => {
  const [row = ''] = new RegExp(`<tr>(?:(?!</tr>).)*${title}.*?</tr>`, 's').exec(text) ?? [];
  return [...row.matchAll(/<\/span> (oui|non)<\/span/g)].map(([, word]) => word ?? '');
};

describe('visible dans le ROR ?', () => {
  it('says of a region without lists that there is nothing to look for', async () => {
    const { status, text } = await reader.get('/28/visible');
    expect(status).toBe(200);
    expect(text).toContain('rien n’est à chercher');
  });

  it('tells per centre how far it has come, and in a sentence what is missing', async () => {
    await web.sync();
    const first = (await web.open()).find((change) => change.target.includes(change.centres[0] ?? ''));
    await web.approve(web.dominique, first?.id ?? '');
    expect((await web.apply()).map(({ result }) => result)).toEqual(['applied']);
    const { status, text } = await reader.get('/28/visible');
    expect(status).toBe(200);
    expect(text).toContain(
      'Visible dans le ROR ? 2 labellisés, 1 approuvés, 1 transmis, 1 trouvés par Normandie (essai) (profil 1).',
    );
    expect(text).toContain('Il manque 1 centre labellisé sur 2 : 1 sans changement approuvé.');
    const rows = [columnsOf(text, 'Centre d’essai 1'), columnsOf(text, 'Centre d’essai 2')];
    expect(rows.map((row) => row.join()).sort()).toEqual(['oui,non,non,non', 'oui,oui,oui,oui']);
    const missing = (await reader.get('/28/visible?montre=manque')).text;
    expect(missing.match(/<th scope="row">/g)).toHaveLength(1);
    expect(missing).toContain('voyez la page « Changements »');
  });

  it('says that the repository cannot be reached, and shows what is known without it', async () => {
    await web.sandbox.close();
    const { status, text } = await reader.get('/28/visible');
    expect(status).toBe(200);
    expect(text).toContain('Le ROR n’a pas pu être interrogé');
    expect(text).toContain('<strong>Que faire :</strong>');
    expect(columnsOf(text, 'Centre d’essai 1')).toHaveLength(3);
  });
});
