/** The version of the fold. Raised with each change of what a log folds into, so that what an older fold made is not gone on with. */
export const FOLD_VERSION = 2
