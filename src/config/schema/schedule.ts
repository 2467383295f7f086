import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { FORMATS } from '../../domain/export-formats.js';
import { CATCH_UPS } from '../../domain/schedule.js';
import { DAYS } from '../../domain/windows.js';
import { FHIR_AUDIENCES } from './fhir.js';

const timeZone = z
  .string()
  .regex(/^[A-Za-z]+(\/[A-Za-z0-9_+-]+)*$/, 'nom de fuseau attendu, par exemple Europe/Paris');

/** What the schedule does when nothing else is said; the schedules themselves are in the database. */
export const scheduleConfig = z.strictObject({
  timeZone: timeZone
    .default('Europe/Paris')
    .describe('Fuseau horaire où se lisent les cadences (base IANA), heure d’été comprise.'),
  sync: z
    .string()
    .default('30 5 * * *')
    .describe('Cadence d’une synchronisation ajoutée sans --cron : cinq champs de cron.'),
  reconcile: z
    .strictObject({
      day: z
        .enum(DAYS)
        .default('dim')
        .describe('Jour de la relecture complète du répertoire : lun, mar, mer, jeu, ven, sam, dim.'),
      time: z
        .string()
        .regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'heure attendue, par exemple "03:10"')
        .default('03:10')
        .describe('Heure de cette relecture, entre guillemets : "03:10".'),
    })
    .prefault({})
    .describe(
      'Relecture complète de chaque région, une fois par semaine ; elle peut être en pause, jamais ôtée.',
    ),
  export: z
    .strictObject({
      cron: z
        .string()
        .default('0 6 * * 1')
        .describe('Cadence d’un export ajouté sans --cron : cinq champs de cron.'),
      to: z
        .string()
        .refine((path) => isAbsolute(path), 'chemin absolu attendu, par exemple /srv/filror/exports')
        .nullable()
        .default(null)
        .describe(
          'Dossier où les jeux paraissent : chemin absolu d’un dossier qui existe ; vide : aucun export planifié.',
        ),
      audience: z
        .enum(FHIR_AUDIENCES)
        .default('public')
        .describe('Public du jeu : public, professional, regulation.'),
      formats: z
        .array(z.enum(FORMATS))
        .min(1)
        .default([...FORMATS])
        .describe('Formats du jeu : csv, ndjson, geojson.'),
      keep: z
        .int()
        .min(1)
        .max(1000)
        .nullable()
        .default(null)
        .describe('Jeux gardés, 1 à 1000, le dernier compris ; vide : aucun n’est ôté.'),
    })
    .prefault({})
    .describe(
      'Jeu à télécharger qu’écrit une planification (filror schedule add <nom> --kind export). Sans une telle planification, aucun.',
    ),
  catchUp: z
    .enum(CATCH_UPS)
    .default('last')
    .describe(
      'Échéances manquées (arrêt, pause, créneau fermé) : none aucune, last la dernière, all toutes jusqu’à catchUpBound.',
    ),
  catchUpBound: z
    .int()
    .min(1)
    .max(100)
    .default(7)
    .describe('Échéances rattrapées au plus avec catchUp: all, 1 à 100.'),
  graceMinutes: z
    .int()
    .min(1)
    .max(1440)
    .default(15)
    .describe('Retard, en minutes (1 à 1440), au-delà duquel une échéance est manquée avec catchUp: none.'),
  wakeSeconds: z
    .int()
    .min(1)
    .max(59)
    .default(15)
    .describe('Le planificateur regarde ce qui est dû toutes les N secondes, 1 à 59.'),
  leaseSeconds: z
    .int()
    .min(2)
    .max(3600)
    .default(120)
    .describe(
      'Bail, en secondes (2 à 3600) : un processus qui ne le renouvelle plus est tenu pour mort et son échéance reprise.',
    ),
  maxStarts: z
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('Débuts d’une même échéance, 1 à 10, après lesquels un arrêt brutal de plus la met en échec.'),
  stopSeconds: z
    .int()
    .min(0)
    .max(600)
    .default(60)
    .describe(
      'À l’arrêt demandé, attente en secondes (0 à 600) de la fin des passages ; ensuite ils sont rendus.',
    ),
  regionsAtOnce: z
    .int()
    .min(1)
    .max(8)
    .default(2)
    .describe('Régions menées de front par un processus, 1 à 8.'),
  maxPauseDays: z
    .int()
    .min(1)
    .max(366)
    .default(90)
    .describe('Durée maximale d’une pause, en jours (1 à 366) : une pause oubliée laisse le ROR vieillir.'),
});

export type ScheduleConfig = z.infer<typeof scheduleConfig>;
