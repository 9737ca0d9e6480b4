import { connect } from '@throughline/sdk'

/** The page's one client, made once and for all: no component's life is its life. It dials when something is shown. */
export const client = connect(location.origin)
