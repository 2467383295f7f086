import { z } from 'zod';

/**
 * Proxies whose X-Forwarded-For is believed. A number of hops says nothing of who speaks first: whoever reaches the port
 * could name any address.
 */
export const trustedProxies = z
  .union([z.literal(false), z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).min(1)], {
    error:
      'false, ou la liste des adresses des mandataires (127.0.0.1, 10.0.0.0/8) ; true ou un nombre croirait n’importe qui',
  })
  .default(false)
  .describe(
    'Adresses (IP ou CIDR) des mandataires dont X-Forwarded-For est cru, pour compter par adresse ; false : aucun, l’adresse est celle de la connexion.',
  );
