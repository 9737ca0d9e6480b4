import type { Page } from 'playwright-core'

/** All that a page's origin has in IndexedDB, as JSON. */
export function savedRows(page: Page): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const settled = (asked) => new Promise((resolve, reject) => {
      asked.onsuccess = () => resolve(asked.result)
      asked.onerror = () => reject(asked.error)
    })
    const rows = []
    for (const { name } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name))
      for (const store of database.objectStoreNames) rows.push(...(await settled(database.transaction(store).objectStore(store).getAll())))
      database.close()
    }
    return JSON.stringify(rows)
  })()`)
}
