/**
 * Node resolves host names on libuv's thread pool, and 4 threads are its default: a few monitors whose name servers do
 * not answer would hold up the name lookups of all others, and the writing of files too. libuv reads the size when the
 * pool is first used, so this must run before anything is looked up or read asynchronously.
 */
export function widenThreadPool(environment: NodeJS.ProcessEnv): void {
  environment["UV_THREADPOOL_SIZE"] ??= "128";
}
