/**
 * What a person prefers in this browser (rules WB32, WB36), as the model of a session names it: kept for
 * the origin beside the theme, and heard of by its other pages.
 */

import { preferenceDefaults } from '@baton/shared/model/agent/defaults'
import { signal } from '@preact/signals'

const key = 'baton-preferences'
const maxChars = 4096

export interface Preferences {
  readonly autosave: boolean
  readonly notifications: boolean
  /** Seconds. */
  readonly syncFrequency: number
}

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

/** What stands there may be anybody's, or of another version: without a schema, which would come first. */
function stored(): Preferences {
  const { autosave, notifications, syncFrequency } = { ...preferenceDefaults, ...read() }
  const isYes = (value: unknown, otherwise: boolean) =>
    typeof value === 'boolean' ? value : otherwise
  const isSeconds = typeof syncFrequency === 'number' && syncFrequency > 0 && syncFrequency <= 3_600
  return {
    autosave: isYes(autosave, preferenceDefaults.autosave),
    notifications: isYes(notifications, preferenceDefaults.notifications),
    syncFrequency: isSeconds ? syncFrequency : preferenceDefaults.syncFrequency,
  }
}

function read(): Readonly<Record<string, unknown>> {
  try {
    const text = localStorage.getItem(key) ?? ''
    const found: unknown = text.length > maxChars ? {} : JSON.parse(text)
    return typeof found === 'object' && found !== null ? { ...found } : {}
  } catch {
    return {}
  }
}
