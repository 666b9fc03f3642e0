/** What axe finds on a page, light and dark: a line for each. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** What colours decide: all else is the same in the dark, and looking takes a second or two each time. */
const ofColours = ['color-contrast', 'link-in-text-block']

export async function violations(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // No frame of a page is of another origin, so that no second page has to gather what was found.
    const axe = new AxeBuilder({ page }).setLegacyMode(true)
    const looks = colorScheme === 'light' ? axe.withTags(tags) : axe.withRules(ofColours)
    const { violations: all } = await looks.analyze()
    found.push(...all.map(({ id, nodes }) => `${colorScheme} ${id} ${nodes[0]?.html}`))
  }
  return found
}
