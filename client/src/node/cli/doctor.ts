/** placeholder */
import type { Context } from './command.ts'
export async function doctor(_: Context, __: object): Promise<number> {
  return 0
}
