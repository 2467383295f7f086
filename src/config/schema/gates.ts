import { z } from 'zod';
export const gatesSchema = z.any();
export type GatesConfig = unknown;
