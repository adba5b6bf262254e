// Runs before the scripts that need the project's own Node, in whatever Node `npm` was started with: plain old JavaScript.
const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    "Sightline brings its own Node, but its packages are not installed here: run `npx pnpm@12 " +
      (process.env.npm_lifecycle_event || "test").replace(/^pre/, "") +
      "`, which installs them and then does this.\n",
  );
  process.exit(1);
}
