/** Was die Seite sagt, auf Deutsch. Wird geladen, wenn es gebraucht wird. */
import { about, beside, conflicts, copying, hidden, holding, receipts } from './de-about.ts'
import { devices } from './de-devices.ts'
import { errors } from './de-errors.ts'
import { asks, frame, settings, start } from './de-frame.ts'
import { hindrance } from './de-hindrance.ts'
import { invitation } from './de-invitation.ts'
import { camera, pair } from './de-pair.ts'
import { composer, session, sessions } from './de-sessions.ts'
import { channels, preferred, shown } from './de-tabs.ts'
import type { Words } from './words.ts'

export const de: Words = {
  language: 'de',
  errors,
  ...{ frame, start, asks, settings, pair, camera, devices, sessions, session, composer },
  ...{ about, beside, conflicts, hidden, receipts, holding, copying, hindrance, invitation },
  ...{ channels, preferred, shown },
}
