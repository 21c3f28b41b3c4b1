import { Download, Upload } from "lucide-react";
import { archiveUrl } from "@/api/queries/archive";
import { MenuItem } from "@/components/ui/Menu";
import { useTools } from "@/i18n/tools";

type Props = { workspaceId: string; onUpload: () => void };

/** What a workspace's menu offers for its files, whether it runs or not. */
export function FileItems({ workspaceId, onUpload }: Props) {
  const tools = useTools();
  return (
    <>
      <MenuItem asChild>
        <a href={archiveUrl(workspaceId, "zip")} download>
          <Download aria-hidden /> {tools("archive.downloadZip")}
        </a>
      </MenuItem>
      <MenuItem asChild>
        <a href={archiveUrl(workspaceId, "tar.gz")} download>
          <Download aria-hidden /> {tools("archive.downloadTar")}
        </a>
      </MenuItem>
      <MenuItem onSelect={onUpload}>
        <Upload aria-hidden /> {tools("archive.open")}
      </MenuItem>
    </>
  );
}
