import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { centresList } from '../scenarios/world.js';
import { openWebWorld, type Visitor, type WebWorld } from '../support/web-world.js';

/** Two hospitals bear this name in Normandie (scenario S4): the list names no town, so a person decides. */
const FLERS = '610000119';

let web: WebWorld;
let operator: Visitor;
beforeAll(async () => {
  web = await openWebWorld({
    list: centresList([
      { title: 'Centre d’essai 1', hospital: 'Jacques Monod', public: 'mixte' },
      { title: 'Centre d’essai 2', hospital: 'CH de Dieppe', town: 'Dieppe', public: 'mixte' },
    ]),
  });
  await web.sync();
  operator = await web.visitor(['operator'], 'Opératrice d’essai');
});
afterAll(() => web.close());

/** Address and hidden fields of the form whose button holds this text. */
function formOf(page: string, address: RegExp): { action: string; vu: string } {
  const action = address.exec(page)?.[0] ?? '';
  const vu = new RegExp(`action="${action}"[^]*?name="vu" value="([0-9a-f]{64})"`).exec(page)?.[1] ?? '';
  expect([action, vu]).not.toContain('');
  return { action, vu };
}
const RECOGNISE = /\/28\/rapprochements\/m-[0-9a-f]{8}\/reconnaitre/;

describe('the page of recognitions', () => {
  it('shows each candidate with its score as a number and in words, and what it rests on', async () => {
    const { text } = await operator.get('/28/rapprochements');
    expect(text).toContain('1 hôpital écrit dans les listes à reconnaître');
    expect(text).toContain('« Jacques Monod »');
    expect(text).toContain(`FINESS ${FLERS}`);
    expect(text).toMatch(/data-label="Ressemblance">[01],\d\d : (très proche|proche|peu sûr)</);
    // The list gives neither type nor town: 0.8 and 0.75 are what the rule gives to silence (src/matching/score).
    expect(text).toMatch(/nom 1,00 \(identique\), type d’établissement 0,80 \(ne contredit pas\)/);
    expect(text).toContain('ville 0,75 (non dit par la liste)');
  });

  it('gives a reader no button', async () => {
    const { text } = await (await web.visitor(['reader'])).get('/28/rapprochements');
    expect(text).toContain('Décider demande le droit d’opérateur ou de valideur.');
    expect(text).not.toContain('C’est cet hôpital');
  });

  it('refuses a number that no register holds, a hospital that nobody wrote, and candidates that are others', async () => {
    const { action, vu } = formOf((await operator.get('/28/rapprochements')).text, RECOGNISE);
    const unknown = await operator.post(action, { vu, finess: '123456789' });
    expect([unknown.status, unknown.text.includes('n’est pas dans le registre')]).toEqual([400, true]);
    const nobody = await operator.post('/28/rapprochements/m-00000000/aucun', { vu });
    expect([nobody.status, nobody.text.includes('Aucun rapprochement « m-00000000 »')]).toEqual([404, true]);
    const others = await operator.post(action, { vu: '0'.repeat(64), finess: FLERS });
    expect([others.status, others.text.includes('Les candidats de cet hôpital ont changé')]).toEqual([
      409,
      true,
    ]);
    expect((await operator.get('/28/rapprochements')).text).toContain('« Jacques Monod »');
  });

  it('records a decision, says so, and takes it back', async () => {
    const { action, vu } = formOf((await operator.get('/28/rapprochements')).text, RECOGNISE);
    expect((await operator.post(action, { vu, finess: FLERS })).status).toBe(303);
    const { text } = await operator.get('/28/rapprochements');
    expect(text).toContain(`« jacques monod » : reconnu : FINESS ${FLERS}.`);
    expect(text).toContain('Aucun rapprochement en attente.');
    expect(text).toMatch(new RegExp(`« jacques monod » : FINESS ${FLERS}, par Opératrice d’essai, le`));
    expect((await operator.post(action.replace('reconnaitre', 'annuler'), {})).status).toBe(303);
    const again = (await operator.get('/28/rapprochements')).text;
    expect(again).toContain('1 hôpital écrit dans les listes à reconnaître');
    expect(again).not.toContain('Dernières décisions');
  });

  it('records that none of them is right: the candidates are asked no more', async () => {
    const { action, vu } = formOf((await operator.get('/28/rapprochements')).text, RECOGNISE);
    expect((await operator.post(action.replace('reconnaitre', 'aucun'), { vu })).status).toBe(303);
    const { text } = await operator.get('/28/rapprochements');
    expect(text).toContain('« jacques monod » : aucun des candidats, par Opératrice d’essai');
    expect(text).toContain('aucun candidat n’est le bon : donnez son numéro FINESS');
    expect(text).not.toContain(`name="finess" value="${FLERS}"`);
  });
});
