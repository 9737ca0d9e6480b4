import type { Work } from '../work.ts'
import { bounded } from './bounded.ts'
import { growth } from './growth.ts'
import { stream } from './w1-stream.ts'
import { delivery } from './w1b-delivery.ts'
import { resume } from './w2-resume.ts'
import { attach } from './w2b-attach.ts'
import { fanOut } from './w3-fan-out.ts'
import { manySessions } from './w4-many-sessions.ts'
import { memory } from './w5-memory.ts'
import { comeBack } from './w6-return.ts'
import { fold } from './w7-fold.ts'
import { page } from './w7p-page.ts'
import { bytes } from './w8-bytes.ts'

export const WORKS: readonly Work[] = [
  stream,
  delivery,
  resume,
  attach,
  fanOut,
  manySessions,
  memory,
  comeBack,
  fold,
  page,
  bytes,
  growth,
  bounded,
]
