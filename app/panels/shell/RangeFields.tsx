import { useId } from "react";
import { placeOf } from "../../format/time.ts";
import { Button } from "../../ui/Button.tsx";
import { FIELD } from "./fields.ts";

/** What a person typed, in which zone, and the page it is for. */
export type TypedRange = { from: string; to: string; zone: string; next: string };

type Props = { typed: TypedRange; wrong: { from?: string; to?: string }; isShown?: boolean };

/** Two times to type, each with what is wrong with it, and the button: what stands in the form of a custom range. */
export function RangeFields({ typed, wrong, isShown = false }: Props) {
	return (
		<>
			<input type="hidden" name="next" value={typed.next} />
			<input type="hidden" name="zone" value={typed.zone} />
			<p className="text-sec font-medium text-t2">
				Custom, in {placeOf(typed.zone)} time {isShown && <span className="text-t3">· shown now</span>}
			</p>
			<Moment name="from" label="From" value={typed.from} wrong={wrong.from} />
			<Moment name="to" label="To" value={typed.to} wrong={wrong.to} />
			<Button type="submit" tone="primary" className="mt-3 w-full">
				Show this range
			</Button>
		</>
	);
}

function Moment({ name, label, value, wrong }: { name: string; label: string; value: string; wrong: string | undefined }) {
	const id = useId();
	return (
		<div className="mt-2">
			<label htmlFor={id} className="text-sec text-t2">
				{label}
			</label>
			<input
				id={id}
				name={name}
				defaultValue={value}
				placeholder="2026-11-20 03:14"
				autoComplete="off"
				spellCheck={false}
				maxLength={60}
				aria-invalid={wrong !== undefined}
				aria-describedby={wrong === undefined ? undefined : `${id}-wrong`}
				className={FIELD}
			/>
			{wrong !== undefined && (
				<p id={`${id}-wrong`} role="status" className="mt-1 text-sec text-bad">
					{wrong}
				</p>
			)}
		</div>
	);
}
