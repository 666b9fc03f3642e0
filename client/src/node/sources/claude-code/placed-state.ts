/**
 * What a placed cursor remembers beyond its place in the file: the project and the id it was
 * placed under, so that the next placement goes on with them unasked, and where that of lines
 * stands. The caller stores it as text; text that is not of this making is as good as none.
 */
import * as z from 'zod/mini'

const schema = z.object({
  project: z.string(),
  own: z.optional(z.boolean()),
  as: z.optional(z.string()),
  opened: z.boolean(),
  relink: z.array(z.tuple([z.string(), z.nullable(z.string())])),
})

export interface LineState {
  /** An ordinary record came. */
  readonly opened: boolean
  /** Records that were left out, and the ancestor their children hang on. */
  readonly relink: readonly (readonly [string, string | null])[]
}

export interface PlacedState extends LineState {
  readonly project: string
  /** It is the agent's own file, which was extended where it stood. */
  readonly own?: boolean | undefined
  /** The id that replaces the carried one, in a branch's own file. */
  readonly as?: string | undefined
}

export const encodeState = (state: PlacedState): string => JSON.stringify(state)

export function parseState(text: string | undefined): PlacedState | undefined {
  if (!text) return undefined
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    // Cut or foreign: the file itself is looked at instead.
    return undefined
  }
}
