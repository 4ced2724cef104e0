interface ImportMeta {
	/** Files read when the tests are built; Vite's, as far as it is used here. */
	glob: (pattern: string, options: { query?: "?raw"; import?: "default"; eager: true }) => Record<string, unknown>;
}
