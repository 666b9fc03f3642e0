/** Light, dark, or as the system says: kept by the browser for this origin, and set before anything is drawn. */
import { signal } from '@preact/signals'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'baton-theme'

function stored(): Theme {
  try {
    const found = localStorage.getItem(key)
    return themes.find((each) => each === found) ?? 'system'
  } catch {
    return 'system'
  }
}

export const theme = signal<Theme>(stored())
apply(theme.value)

export function setTheme(next: Theme): void {
  theme.value = next
  apply(next)
  try {
    localStorage.setItem(key, next)
  } catch {
    // Then it holds until the page goes.
  }
}

addEventListener('storage', (event) => {
  if (event.key !== key) return
  theme.value = stored()
  apply(theme.value)
})

function apply(next: Theme): void {
  const { documentElement: root } = document
  if (next === 'system') root.removeAttribute('data-theme')
  else root.setAttribute('data-theme', next)
}
