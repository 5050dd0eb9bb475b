using System.Text.Json;

namespace Muniment.Delivery.Machine;

/// <summary>What an administrator's command changes, as JSON for the audit event: state, reason, position, epoch, lanes, dead letters and how many of them wait to be sent again.</summary>
public static class ControlView
{
    /// <summary>Writes it.</summary>
    public static byte[] Write(DestinationMachine machine)
    {
        using var stream = new MemoryStream(512);
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("state", NameOf(machine.Condition));
            json.WriteString("reason", machine.State.Reason?.Code);
            json.WriteNumber("position", machine.Position());
            json.WriteNumber("epoch", machine.State.Epoch);
            json.WriteStartArray("lanes");
            foreach (LaneState lane in machine.State.Lanes)
            {
                json.WriteStartObject();
                json.WriteString("lane", lane.Name);
                json.WriteNumber("from", lane.From);
                json.WriteNumber("position", machine.PositionOf(lane));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteNumber("dead_letters", machine.State.DeadLetters);
            json.WriteNumber("replaying", machine.State.Replays.Count);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>A condition's name in the outside contract.</summary>
    public static string NameOf(DeliveryCondition condition) => condition switch
    {
        DeliveryCondition.BackingOff => "backing_off",
        DeliveryCondition.Paused => "paused",
        DeliveryCondition.Disabled => "disabled",
        _ => "running",
    };
}
