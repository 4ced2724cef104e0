/** A length of time as people say it: `40 s`, `12 min`, `2 d 4 h`. */
export function spanInWords(ms: number): string {
	const s = Math.max(0, Math.round(ms / 1000));
	if (s < 90) return `${s} s`;
	const min = Math.round(s / 60);
	if (min < 90) return `${min} min`;
	const h = Math.floor(min / 60);
	if (h < 24) return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
	const d = Math.floor(h / 24);
	return h % 24 === 0 ? `${d} d` : `${d} d ${h % 24} h`;
}
