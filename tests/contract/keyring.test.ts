/** The Keyring contract against every implementation. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryKeyring } from '@baton/client/core/memory/keyring'
import { openKeyring } from '@baton/client/node/keyring'
import { createRandom } from '@baton/client/node/platform'
import { onTestFinished } from 'vitest'
import { keyringContract } from './keyring.ts'

keyringContract('memory', async () => createMemoryKeyring(createRandom()))

keyringContract('files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return await openKeyring(join(folder, 'keys'), createRandom())
})
