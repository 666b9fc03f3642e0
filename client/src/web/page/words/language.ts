/**
 * Which language the page speaks (rule WB49): what its person chose, else the first of the browser's that is here,
 * else English. Kept by the browser for this origin.
 */
import { signal } from '@preact/signals'
import { en } from './en.ts'
import { setWords, type Words } from './words.ts'

/** By its own name, so that whoever reads no other one finds it. */
export const languages = [
  { value: 'en', label: 'English', load: async (): Promise<Words> => en },
  { value: 'de', label: 'Deutsch', load: async () => (await import('./de.ts')).de },
] as const
export type Language = (typeof languages)[number]['value']
export type Choice = Language | 'browser'

const key = 'baton-language'

/** The first of `wanted`, as `de-AT`, that is here. */
export function firstOf(wanted: readonly string[]): Language {
  for (const each of wanted) {
    const found = languages.find(({ value }) => value === each.toLowerCase().split('-')[0])
    if (found) return found.value
  }
  return 'en'
}

function stored(): Choice {
  try {
    const found = localStorage.getItem(key)
    return languages.find(({ value }) => value === found)?.value ?? 'browser'
  } catch {
    return 'browser'
  }
}

export const choice = signal<Choice>(stored())

/** Resolves when the page speaks it; a language that cannot be loaded leaves the one there is. */
export async function speak(): Promise<void> {
  const wanted = wantedNow()
  try {
    const words = await languages.find(({ value }) => value === wanted)?.load()
    // Meanwhile another may have been chosen.
    if (!words || wanted !== wantedNow()) return
    setWords(words)
    document.documentElement.lang = words.language
  } catch {
    // Offline, and never loaded before.
  }
}

const wantedNow = (): Language =>
  choice.value === 'browser' ? firstOf(navigator.languages) : choice.value

export async function chooseLanguage(next: Choice): Promise<void> {
  choice.value = next
  try {
    if (next === 'browser') localStorage.removeItem(key)
    else localStorage.setItem(key, next)
  } catch {
    // Then it holds until the page goes.
  }
  await speak()
}
