/** What the page says, in English. */
import { about, beside, conflicts, copying, hidden, holding, receipts } from './en-about.ts'
import { devices } from './en-devices.ts'
import { asks, frame, settings, start } from './en-frame.ts'
import { hindrance } from './en-hindrance.ts'
import { invitation } from './en-invitation.ts'
import { camera, pair } from './en-pair.ts'
import { composer, session, sessions } from './en-sessions.ts'
import { channels, preferred, shown } from './en-tabs.ts'

export const en = {
  language: 'en',
  /** By code: what the mesh says of itself is English as it stands. */
  errors: {} as Readonly<Record<string, string>>,
  ...{ frame, start, asks, settings, pair, camera, devices, sessions, session, composer },
  ...{ about, beside, conflicts, hidden, receipts, holding, copying, hindrance, invitation },
  ...{ channels, preferred, shown },
}
