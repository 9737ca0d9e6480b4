/** The vitest projects; vitest.config.ts imports this list, because vitest 4 ignores the file by itself. */
export default ['packages/sdk', 'packages/server', 'packages/examples']
