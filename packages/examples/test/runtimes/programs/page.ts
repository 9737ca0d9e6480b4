import { comeBack } from './come-back.ts'

Object.assign(globalThis, { comeBack })
