/**
 * Reading what a stranger sent (rule SV12): JSON in exactly the form `JSON.stringify` gives, and of
 * the shape a strict schema says. That refuses duplicate keys, `__proto__`, unknown keys, odd
 * numbers and needless white space without a parser of our own.
 */
export interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false }
}

export function parseCompact<T>(schema: Schema<T>, text: string): T | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const parsed = schema.safeParse(value)
    return parsed.success && JSON.stringify(value) === text ? parsed.data : undefined
  } catch {
    // not JSON, or nested beyond the stack
    return undefined
  }
}
