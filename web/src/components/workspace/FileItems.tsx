import { Download, Upload } from "lucide-react";
import { archiveUrl } from "@/api/queries/archive";
import { MenuItem } from "@/components/ui/Menu";
import "@/i18n/tools";
import { useTranslation } from "@/i18n/useTranslation";

type Props = { workspaceId: string; onUpload: () => void };

/** What a workspace's menu offers for its files, whether it runs or not. */
export function FileItems({ workspaceId, onUpload }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <MenuItem asChild>
        <a href={archiveUrl(workspaceId, "zip")} download>
          <Download aria-hidden /> {t("archive.downloadZip")}
        </a>
      </MenuItem>
      <MenuItem asChild>
        <a href={archiveUrl(workspaceId, "tar.gz")} download>
          <Download aria-hidden /> {t("archive.downloadTar")}
        </a>
      </MenuItem>
      <MenuItem onSelect={onUpload}>
        <Upload aria-hidden /> {t("archive.open")}
      </MenuItem>
    </>
  );
}
