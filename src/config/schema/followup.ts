import { z } from 'zod';

/** Delays of what is handed over rather than written (DESIGN 3 (10)): they change nothing of what is planned. */
export const followupConfig = z
  .strictObject({
    reminderDays: z
      .int()
      .min(1)
      .max(365)
      .default(14)
      .describe('Jours, 1 à 365, sans saisie constatée avant une relance, puis entre deux relances.'),
    expiryDays: z
      .int()
      .min(2)
      .max(730)
      .default(60)
      .describe(
        'Jours, 2 à 730, après lesquels une fiche transmise et jamais vue expire : ses éléments sont proposés de nouveau.',
      ),
    agreementDays: z
      .int()
      .min(1)
      .max(365)
      .default(30)
      .describe(
        'Jours, 1 à 365, donnés à l’établissement pour répondre : durée d’un lien signé, puis délai dépassé.',
      ),
    endedShownDays: z
      .int()
      .min(0)
      .max(365)
      .default(30)
      .describe('Jours, 0 à 365, pendant lesquels la file montre encore ce qui est terminé.'),
    returnTo: z
      .string()
      .min(1)
      .max(200)
      .nullable()
      .default(null)
      .describe(
        'À qui renvoyer une fiche annotée : un service ou une fonction, sans nom de personne ; vide : « l’équipe qui vous l’a transmise ».',
      ),
    requester: z
      .string()
      .min(1)
      .max(60)
      .default('filror')
      .describe('Nom sous lequel un signalement d’anomalie (Task) dit quel système le fait.'),
  })
  .refine((followup) => followup.reminderDays < followup.expiryDays, {
    error: 'la relance vient avant l’expiration (reminderDays plus petit que expiryDays)',
    path: ['reminderDays'],
  });

export type FollowupConfig = z.infer<typeof followupConfig>;
