import { counted } from '../domain/counted.js';
import type { JournalFault, Verification } from './verify.js';

/** French: what a whole journal is told by. */
export function intactText({ entries, last }: Verification): string {
  if (last === null) return 'Journal intact : aucune écriture.';
  return `Journal intact : ${counted(entries, 'écriture', 'écritures')}, la dernière le ${last.at}, empreinte ${last.hash}.`;
}

/** Why, by kind; the number is said once, before. */
const REASONS: Readonly<Record<JournalFault['kind'], string>> = {
  changed: 'son contenu ne correspond plus à son empreinte',
  missing: 'elle a été effacée ou déplacée',
  replaced: 'elle n’est pas celle que la suite du journal prolonge',
  rewritten:
    'la chaîne se tient, mais ce n’est pas celle de la tête exportée : cette écriture a été modifiée et la suite réécrite',
  cut: 'le journal s’arrête avant elle : la fin a été coupée, ou une sauvegarde plus ancienne restaurée',
};

/** French: which entry is wrong first, and why. */
export function faultText({ kind, no, from }: JournalFault): string {
  const which = from === no ? `la première écriture fautive est la n° ${no}` : spread(from, no);
  return `Le journal est altéré : ${which} ; ${REASONS[kind]}.`;
}

export const ALTERED_REMEDY =
  'ne modifiez rien, copiez la base telle quelle, prévenez la personne responsable de la sécurité, et comparez avec la dernière exportation (« filror journal export ») gardée ailleurs.';

function spread(from: number, no: number): string {
  return `la première écriture fautive est entre la n° ${from} et la n° ${no} (au-delà des 10 000 dernières, la tête exportée n’en garde qu’une sur cent)`;
}

const KINDS: Readonly<Record<string, string>> = {
  plan: 'plan calculé',
  mirror: 'répertoire relu',
  approve: 'approbation',
  reject: 'rejet',
  apply: 'écriture dans le ROR',
  applyAbandoned: 'écriture abandonnée',
  applyConflict: 'écriture refusée : valeur changée par d’autres',
  applyRefused: 'écriture refusée par le ROR',
  applyUncertain: 'écriture à l’issue incertaine',
  transmit: 'transmission à qui saisit',
  giveGrant: 'droit donné',
  confirmGrant: 'droit confirmé',
  revokeGrant: 'droit retiré',
  'agreement.agree': 'accord de l’établissement',
  'agreement.refuse': 'refus de l’établissement',
  'agreement.undo': 'réponse de l’établissement reprise',
  'agreement.link': 'lien d’accord créé',
  'anomaly.intent': 'signalement préparé',
  'anomaly.sent': 'signalement envoyé',
  'anomaly.status': 'suite d’un signalement',
  served: 'offre servie mise à jour',
  'reader.reported': 'erreur signalée par un lecteur',
  'reader.answered': 'réponse à un lecteur',
  'order.read': 'arrêté lu',
  'order.validate': 'lignes d’arrêté validées',
  'order.discard': 'lignes d’arrêté écartées',
  'order.undo': 'lignes d’arrêté reprises',
  'answer.complete': 'valeur complétée',
  'centre.headDeclared': 'responsable déclaré',
  'centre.headErased': 'responsable effacé',
  'answer.match': 'hôpital reconnu',
  'answer.matchReject': 'aucun des hôpitaux proposés',
  'answer.attach': 'rattachement choisi',
  'answer.create': 'création choisie',
  'answer.continuity': 'même centre ou non',
  'answer.withdraw': 'perte du label déclarée',
  'answer.close': 'fermeture déclarée',
  'answer.reopen': 'retour déclaré',
  'answer.revert': 'annulation demandée',
  'answer.unreject': 'rejet repris',
  'answer.undo': 'réponse reprise',
  'followup.assigned': 'saisie confiée',
  'followup.reminded': 'relance notée',
  'followup.seen': 'saisie constatée',
  'followup.differs': 'saisie différente constatée',
  'followup.refused': 'saisie refusée',
  'followup.expired': 'saisie expirée',
  'slot.asked': 'passage demandé',
  'slot.failed': 'passage en échec',
  'slot.takenOver': 'passage repris par un autre processus',
  'schedule.added': 'passage planifié ajouté',
  'schedule.removed': 'passage planifié retiré',
  'schedule.paused': 'pause',
  'schedule.resumed': 'reprise',
};

/** French: what an entry of this kind says; a kind that has no word is shown as it is. */
export function kindText(kind: string): string {
  return KINDS[kind] ?? kind;
}

const SUBJECTS: Readonly<Record<string, string>> = {
  change: 'changement',
  erased: 'personne effacée',
  establishment: 'établissement',
  mail: 'message',
  offer: 'offre',
  order: 'arrêté',
  person: 'personne',
  region: 'région',
  run: 'passage',
  schedule: 'passage planifié',
  slot: 'échéance',
  source: 'source',
};

/** French: what an entry is about, "changement 7lqo3abcde" for `change:7lqo3abcde`; what has no word stays as it is. */
export function subjectText(subject: string): string {
  const at = subject.indexOf(':');
  const word = at < 0 ? undefined : SUBJECTS[subject.slice(0, at)];
  return word === undefined ? subject : `${word} ${subject.slice(at + 1)}`;
}
