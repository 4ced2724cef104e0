/**
 * Stands in for `turbo-stream`, which Remix imports for single fetch. Single fetch is off here (docs/decisions/0006), so neither
 * browsers nor the Worker need its decoder, against which there are advisories.
 */
function refuse(): never {
	throw new Error("Single fetch is switched off.");
}

export { refuse as decode, refuse as encode };
