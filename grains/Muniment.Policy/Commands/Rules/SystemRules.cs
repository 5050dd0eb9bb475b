using System.Collections.Frozen;

namespace Muniment.Policy.Commands.Rules;

/// <summary>Disks, users, firewalls, schedules.</summary>
internal static class SystemRules
{
    private static readonly FrozenSet<string> Disks = new[] { "fdisk", "sfdisk", "gdisk", "parted", "wipefs", "blkdiscard", "format", "diskpart", "cryptsetup", "lvremove", "vgremove", "pvremove", "mdadm", "hdparm" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Machine = new[]
    {
        "iptables", "ip6tables", "nft", "ufw", "firewall-cmd", "pfctl", "useradd", "userdel", "usermod", "adduser", "deluser", "groupadd", "passwd", "chpasswd", "visudo", "mount", "umount", "modprobe", "insmod", "rmmod", "sysctl", "shutdown", "reboot",
        "halt", "poweroff", "init", "telinit", "swapoff", "update-grub", "grub-install", "update-alternatives", "ldconfig", "defaults", "csrutil", "spctl", "dscl", "reg", "bcdedit", "schtasks", "vssadmin", "wmic", "netsh", "at", "batch", "crontab",
        "chsh", "su", "setcap", "gdb", "ptrace", "kexec", "timedatectl", "hostnamectl", "nmcli", "networksetup", "ssh-add", "gpg", "security", "certutil", "keytool", "update-ca-certificates", "docker-machine", "new-service", "set-executionpolicy",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Null when it is none of them.</summary>
    public static RiskFinding? Judge(Invocation i)
    {
        if (i.Name.StartsWith("mkfs", StringComparison.Ordinal) || i.Name is "mke2fs" or "newfs" or "mkswap")
        {
            return i.Is(RiskLevel.Critical, "writes-device");
        }

        if (Disks.Contains(i.Name))
        {
            return i.Has('l', "--list", "print") || i.Operands.Contains("print") ? i.Is(RiskLevel.Low, "reads-only") : i.Is(RiskLevel.Critical, "writes-device");
        }

        if (i.Name is "vssadmin" or "wbadmin" && i.Verb is "delete")
        {
            return i.Is(RiskLevel.Critical, "deletes-backups");
        }

        if (i.Name is "crontab")
        {
            return i.Has('l') ? i.Is(RiskLevel.Low, "reads-only") : i.Is(RiskLevel.High, "persistence");
        }

        if (i.Name is "mount" or "iptables" or "sysctl" or "ufw" or "ssh-add" && (i.Arguments.Count == 0 || i.Has('L') || i.Has('l') || i.Verb == "status" || (i.Name == "sysctl" && !i.Has('w') && !i.Has('p') && !i.Operands.Any(o => o.Contains('=', StringComparison.Ordinal)))))
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        if (i.Name is "gpg" && i.Has('\0', "--verify", "--list-keys", "--version"))
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        return Machine.Contains(i.Name) ? i.Is(RiskLevel.High, "changes-machine") : null;
    }
}
