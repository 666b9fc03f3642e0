/** What a person prefers until they say otherwise. */

/** `syncFrequency` in seconds. */
export const preferenceDefaults = {
  theme: 'dark',
  language: 'en',
  notifications: true,
  autosave: true,
  syncFrequency: 30,
} as const
