import { useSearchParams } from "@remix-run/react";
import { Button, buttonClass, IconButton } from "../../ui/Button.tsx";
import { CopyField } from "../../ui/CopyField.tsx";
import { CloseIcon, LeavesIcon, RefreshIcon, TableIcon } from "../../ui/icons.tsx";
import { TrashIcon } from "../../ui/icons-more.tsx";
import { Kbd } from "../../ui/Kbd.tsx";
import { Segments } from "../../ui/Segments.tsx";
import { Part, Surface } from "./Part.tsx";

const TONES = ["plain", "primary", "danger", "quiet"] as const;
const SIZES = ["md", "sm"] as const;
const GROUPS = ["hour", "day", "week"] as const;

/** What is pressed: every tone, size and state. */
export function Controls() {
	const [params] = useSearchParams();
	const group = params.get("group") ?? "hour";
	return (
		<>
			{SIZES.map((size) => (
				<Part key={size} name={size === "md" ? "Buttons" : "Buttons in cards"}>
					<Surface>
						{TONES.map((tone) => (
							<span key={tone} className="flex flex-wrap gap-2.5">
								<Button tone={tone} size={size}>
									{{ plain: "Try again", primary: "Add webhook", danger: "Roll back prod", quiet: "History" }[tone]}
								</Button>
								<Button tone={tone} size={size} busy>
									Saving {tone}
								</Button>
								<Button tone={tone} size={size} disabled>
									Off {tone}
								</Button>
							</span>
						))}
						<a href="/dev/ui" className={buttonClass({ size })}>
							Open at GitHub
							<LeavesIcon className="size-3.5" />
						</a>
					</Surface>
				</Part>
			))}
			<Part name="Icons to press, segments, keys">
				<Surface>
					<IconButton name="Refresh">
						<RefreshIcon />
					</IconButton>
					<IconButton name="View as table" bordered>
						<TableIcon />
					</IconButton>
					<IconButton name="Delete" disabled>
						<TrashIcon />
					</IconButton>
					<IconButton name="Close" aria-pressed="true">
						<CloseIcon />
					</IconButton>
					<Segments
						name="Group by"
						choices={GROUPS.map((key) => ({
							key,
							label: key,
							words: `Group by ${key}`,
							to: { search: `group=${key}` },
							isOn: key === group,
						}))}
					/>
					<Kbd keys="⌘K" />
					<Kbd keys="g p" />
				</Surface>
			</Part>
			<Part name="To copy">
				<Surface>
					<CopyField label="Address" value="https://ops.example.dev/hooks/gitlab/01JD3V9QZK6W8M4X2N5T7R0YBC" />
					<CopyField label="Secret" value="not-a-real-secret" secret />
				</Surface>
			</Part>
		</>
	);
}
