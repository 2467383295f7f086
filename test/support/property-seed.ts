import fc from 'fast-check';

// The ordinary run tries the same cases everywhere, so that a red run speaks of the change and not of luck.
// `FILROR_SEED=random` looks for new cases; a failure prints its seed, and `FILROR_SEED=<seed>` tries it again.
const asked = process.env.FILROR_SEED;
if (asked !== 'random') fc.configureGlobal({ seed: asked === undefined ? 20_261_121 : Number(asked) });
