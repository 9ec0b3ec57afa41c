/** What is made once and then kept, in a map of its user. */

interface Store<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): unknown
}

/** What `kept` holds for `key`; where it holds nothing yet, `make` gives it. */
export function remembered<Key, Value>(kept: Store<Key, Value>, key: Key, make: () => Value): Value {
  const known = kept.get(key)
  if (known !== undefined) return known
  const made = make()
  kept.set(key, made)
  return made
}
