/** The Keychain contract against the fake; tests/real/keychain.test.ts has the Secret Service. */
import { createMemoryKeychain } from '../support/memory-keychain.ts'
import { keychainContract } from './keychain.ts'

keychainContract('memory', createMemoryKeychain)
