/** Placeholder until the page below is written. */
export default function Run() {
	return null;
}
