/** Runs before every test file: nothing that files share remembers the one before. */
import { restartCounts } from './count.ts'

restartCounts()
