/** What a kit says of an implementation, without a test runner: the titles of what failed. */
import { brokenRule, type DeclareTest } from '@baton/client/testing/check'

/** Runs those tests that `declare` declares whose title begins so. Throws when there is none. */
export async function failures(
  begin: string,
  declare: (test: DeclareTest) => void,
): Promise<string[]> {
  const tests: { title: string; run: () => Promise<void> }[] = []
  declare((title, run) => tests.push({ title, run }))
  const those = tests.filter(({ title }) => title.startsWith(begin))
  if (those.length === 0) throw new Error(`the kit has no test that begins ${begin}`)
  const failed: string[] = []
  for (const { title, run } of those) {
    await run().catch((error: unknown) => {
      // Anything else is a mistake of the kit, or of who broke the rule.
      if (!(error instanceof Error) || error.name !== brokenRule) throw error
      failed.push(title)
    })
  }
  return failed
}
