/**
 * How often a property is tried: in `npm test` as often as it says, in `npm run check`, which is for
 * every save, a fifth of that and at least ten times. vitest.config.ts tells which by `--mode`.
 */
const { BATON_TRIES } = process.env

export const tries = (full: number): number =>
  BATON_TRIES === 'few' ? Math.max(Math.min(full, 10), Math.ceil(full / 5)) : full
