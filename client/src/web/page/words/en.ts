/** What the page says, in English. */
import { hindrance } from './en-hindrance.ts'
import { invitation } from './en-invitation.ts'

export const en = {
  hindrance,
  invitation,
}
