/**
 * What a person prefers in this browser (rules WB32, WB36), as the model of a session names it: kept for
 * the origin beside the theme, and heard of by its other pages.
 */

import { defaultPreferences, preferencesShape } from '@baton/shared/model/agent/schema'
import { type Known, readFields } from '@baton/shared/model/fields'
import { signal } from '@preact/signals'

const key = 'baton-preferences'
const maxChars = 4096

export type Preferences = Required<
  Pick<Known<typeof preferencesShape>, 'autosave' | 'notifications' | 'syncFrequency'>
>

export const preferences = signal<Preferences>(stored())

addEventListener('storage', (event) => {
  if (event.key === key) preferences.value = stored()
})

export function prefer(change: Partial<Preferences>): void {
  preferences.value = { ...preferences.value, ...change }
  try {
    localStorage.setItem(key, JSON.stringify(preferences.value))
  } catch {
    // Then it holds until the page goes.
  }
}

function stored(): Preferences {
  const { autosave, notifications, syncFrequency } = { ...defaultPreferences(''), ...read() }
  return { autosave, notifications, syncFrequency }
}

/** What stands there may be anybody's, or of another version. */
function read(): Known<typeof preferencesShape> {
  try {
    const text = localStorage.getItem(key) ?? ''
    const found: unknown = text.length > maxChars ? {} : JSON.parse(text)
    return readFields(preferencesShape, Object.entries(found as object), { malformed: 0 }).known
  } catch {
    return {}
  }
}
