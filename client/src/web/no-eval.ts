/**
 * To be imported before anything that makes a schema: zod would try to make code from a text, which
 * the page's policy refuses and the console tells.
 */
import * as z from 'zod/mini'

z.config({ jitless: true })
