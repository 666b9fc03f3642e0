/** The kit for keyrings against those of Node; the page's runs in tests/web. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryKeyring } from '@baton/client/core/memory/keyring'
import { openKeyring } from '@baton/client/node/keyring'
import { createRandom } from '@baton/client/node/platform'
import { runKeyringTests } from '@baton/client/testing/keyring'
import { describe, it, onTestFinished } from 'vitest'

describe('keyring: memory', () =>
  runKeyringTests({ test: it, newKeyring: async () => createMemoryKeyring(createRandom()) }))

describe('keyring: files', () =>
  runKeyringTests({
    test: it,
    async newKeyring() {
      const folder = mkdtempSync(join(tmpdir(), 'baton-keys-'))
      onTestFinished(() => rmSync(folder, { recursive: true }))
      return await openKeyring(join(folder, 'keys'), createRandom())
    },
  }))
