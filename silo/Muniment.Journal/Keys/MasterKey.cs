using System.Security.Cryptography;
using System.Text;
using Muniment.Journal.Durability;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Keys;

/// <summary>The key under which all tenants' keys are wrapped: 32 bytes, base64 on one line of a file of mode 0600, the same file on every machine of a cluster.</summary>
internal static class MasterKey
{
    public const int SizeBytes = 32;

    /// <summary>Reads the file, or makes it when there is none and <paramref name="mayCreate"/> says that nothing is wrapped yet.</summary>
    /// <exception cref="DataDirectoryException">Missing although keys are wrapped under it, open to others, or no key.</exception>
    public static byte[] LoadOrCreate(string path, Func<bool> mayCreate)
    {
        string full = Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            if (!mayCreate())
            {
                throw new DataDirectoryException($"the master key file '{full}' (Keys:File) is missing, but keys are wrapped under it: bring it back, without it nothing can be read");
            }

            DurableFile.CreateDirectory(Path.GetDirectoryName(full)!);
            try
            {
                DurableFile.Create(full, Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(SizeBytes)) + "\n"));
            }
            catch (IOException) when (File.Exists(full))
            {
                // Another process of the cluster was first; its key counts.
            }
        }

        return Read(full);
    }

    private static byte[] Read(string path)
    {
        const UnixFileMode open = UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & open) != 0)
        {
            throw new DataDirectoryException($"the master key file '{path}' (Keys:File) can be read or changed by others: run chmod 600 on it");
        }

        byte[] key = new byte[SizeBytes];
        string text = File.ReadAllText(path).Trim();
        return Convert.TryFromBase64String(text, key, out int written) && written == SizeBytes
            ? key
            : throw new DataDirectoryException($"the master key file '{path}' (Keys:File) holds no key: expected {SizeBytes} bytes in base64 on one line");
    }
}
