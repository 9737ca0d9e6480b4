#!/usr/bin/env node
// It is there before anything is built, so that an installer can link it.
await import('../dist/main.js')
