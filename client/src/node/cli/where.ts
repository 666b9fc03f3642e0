/** `--map` and `--project`: where a session in the files of an agent goes, on the device that gets it. */
import { parseMap } from './send.ts'

export interface WhereOptions {
  readonly map?: readonly string[]
  readonly project?: string
}

export function whereOf({ map = [], project }: WhereOptions) {
  if (map.length === 0 && project === undefined) return {}
  return { where: { maps: map.map(parseMap), ...(project === undefined ? {} : { project }) } }
}
